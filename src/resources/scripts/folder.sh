has flock
if [ "$lock" ]; then
exec 9</ && flock $lock 9 || exit 1
else
find() {
flock -s / find "$@"
}
fi
cd -P -- "$root" 2>/dev/null || {
ls -d -- "$root/." >/dev/null
exit 1
}
real=$(pwd -P; echo /)
real=${real%??}
into() {
cd -P -- "$1" 2>/dev/null || {
ls -d -- "$1/." >/dev/null || exit 1
fail permission_denied
}
here=$(pwd -P; echo /)
case ${here%??}/ in
"$real"/*) ;;
*) fail outside_root ;;
esac
}
own() {
for f do
[ ! -L "$f" ] || fail outside_root
done
}
plain() {
[ -z "$(find "$1" \( -type f -links +1 -o ! -type f ! -type d ! -type l \) -exec echo x \;)" ] || fail outside_root
}
follow() {
[ -L "$b" ] || return 0
f=$(readlink -f -- "$b"; echo /)
f=${f%??}
[ "$f" != / ] || {
ls -d -- "$b/." >/dev/null
exit 1
}
if [ "$f" = "$real" ]; then
at "$root"
else
at "$f"
fi
}
