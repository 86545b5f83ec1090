d=/tmp/superserve-$4
if [ "$2" = drop ]; then
rm -rf -- "$d"
exit
fi
case $(cd -P /tmp && pwd -P)/ in
"$real"/*) fail outside_root ;;
esac
h=
trap 'rm -rf -- "$d" "$h"; exit 1' TERM
n=$d/${3##*/}
case $2 in
write)
[ "$3" != "$root" ] || fail is_directory
p=${3%/*}
until [ -d "$p" ]; do
p=${p%/*}
done
into "$p"
[ "$p" != "${3%/*}" ] || {
at "$3"
follow
[ ! -d "$b" ] || fail is_directory
[ ! -e "$b" ] || [ -w "$b" ] || fail permission_denied
}
mkdir -m 700 -- "$d"
;;
place)
into "$root"
p=${3#"$root"}
while p=${p#/}; [ "${p%%/*}" != "$p" ]; do
s=./${p%%/*}
p=${p#*/}
[ -d "$s" ] || mkdir -- "$s" || [ -d "$s" ] || exit 1
into "$s"
done
at "$3"
follow
[ ! -d "$b" ] || fail is_directory
if [ -e "$b" ]; then
chown "$(stat -c %u:%g -- "$b")" "$n" 2>/dev/null
chmod "$(stat -c %a -- "$b")" "$n"
fi
h=./.superserve-$4
mv -fT -- "$n" "$h" && mv -fT -- "$h" "$b" || {
rm -f -- "$h"
exit 1
}
;;
*)
at "$3"
follow
ls -d -- "$b" >/dev/null || exit 1
mkdir -m 700 -- "$d" || exit 1
if [ ! -d "$b" ]; then
ln -- "$b" "$n" 2>/dev/null || cp -aT -- "$b" "$n"
elif [ "$2" = zip ]; then
cp -alT -- "$b" "$n" 2>/dev/null || {
rm -rf -- "$n"
cp -aT -- "$b" "$n" || exit 1
}
find "$n" -type l -exec rm -f -- {} +
else
fail is_directory
fi
esac
