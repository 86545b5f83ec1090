has setsid flock xargs mkfifo
if ! find_context "$2"; then
[ "$3" ] || fail not_found
state code
n=$state/.new-$SUPERSERVE_CALL
trap 'rm -rf -- "$n"' EXIT
trap 'exit 1' TERM
mkdir -m 700 -- "$n" && mkfifo -- "$n/requests" "$n/stdout" "$n/stderr" || exit 1
printf %s "$3" >"$n/language" && printf %s "$4" >"$n/cwd" || exit 1
shift 5
for v do
printf '%s\0' "$v" || exit 1
done >"$n/env"
d=$state/$id
mv -T -- "$n" "$d" 2>/dev/null || [ -d "$d" ] || exit 1
fi
exec 9>"$d/lock" && flock 9 || exit 1
alive && exit
for r in "$d"/run-*/; do
{ read -r p <"$r/pid" && kill -0 "$p"; } 2>/dev/null || rm -rf -- "$r"
done
rm -f -- "$d/pid"
read -r l <"$d/language"
case $l in
python) f=driver.py t='python3 python' ;;
javascript) f=driver.js t='node nodejs' ;;
*) f=driver.sh t=bash ;;
esac
driver "$l" >"$d/$f" || exit 1
c=$(cat -- "$d/cwd"; echo /)
into "${c%/}/"
unset LC_ALL SUPERSERVE_CALL
e=$({
cat -- "$d/env"
printf '%s\0' setsid setsid sh -c 'for t in $2; do
! command -v "$t" >/dev/null || exec "$t" "$0" "$1"
done
echo "superserve:tool_missing:${2%% *}"' "$d/$f" "$d" "$t"
} | xargs -0 env 2>&1 9>&-)
alive || {
printf '%s\n' "$e" >&2
exit 1
}
