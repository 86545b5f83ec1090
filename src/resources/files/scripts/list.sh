into "$2"
[ -r . ] || fail permission_denied
if [ "$4" = 0 ]; then
tell . -mindepth 1 -maxdepth "${3:-1}" -name '.*' -prune -o
else
tell . -mindepth 1 -maxdepth "${3:-1}"
fi
