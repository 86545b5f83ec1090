if [ "$0" = e ]; then
n=$#
while [ "$n" -gt 0 ]; do
v=$(printf %b. "$1")
set -- "$@" "${v%.}"
shift
n=$((n-1))
done
fi
root=$1
fail() {
printf 'superserve:%s\n' "$1" >&2
exit 1
}
has() {
for tool do
command -v "$tool" >/dev/null || fail "tool_missing:$tool"
done
}
into() {
cd -P -- "$1" 2>/dev/null || {
ls -d -- "$1/." >/dev/null || exit 1
fail permission_denied
}
}
at() {
if [ "$1" = "$root" ]; then
into "$1"
b=.
else
into "${1%/*}/"
b=./${1##*/}
fi
}
there() {
[ -e "$1" ] || [ -L "$1" ]
}
put() {
o=n
if [ "$3" != 1 ]; then
there "$2" && fail already_exists
else
o=f
if [ -d "$1" ] && [ ! -L "$1" ]; then
if [ -L "$2" ] || [ -e "$2" ] && [ ! -d "$2" ]; then fail not_directory
elif [ -d "$2" ] && [ ! "$1" -ef "$2" ]; then rmdir -- "$2" || exit 1
fi
elif [ -d "$2" ] && [ ! -L "$2" ]; then fail is_directory
fi
fi
case $(mv --help 2>&1) in
*-T,*) o=${o}T ;;
*) [ ! -L "$2" ] || [ ! -d "$2" ] || rm -f -- "$2" ;;
esac
mv -$o -- "$1" "$2" || exit 1
! there "$1" || fail already_exists
}
bring() {
t=./.superserve-$$-$SUPERSERVE_CALL
trap 'rm -rf -- "$t"' EXIT
trap 'exit 1' TERM
cp -a -- "$f" "$t" && put "$t" "$b" "$1"
}
tell() {
has find base64
if find . -maxdepth 0 -printf '' 2>/dev/null; then
find "$@" -printf '%y\0%s\0%m\0%T@\0%u\0%P\0%l\0' 2>/dev/null
else
has stat readlink
find "$@" -exec sh -c 'r=$0
for f do
if [ -L "$f" ]; then t=l
elif [ -d "$f" ]; then t=d
elif [ -f "$f" ]; then t=f
else t=o
fi
i=$(stat -c "%s %a %Y %U" -- "$f" 2>/dev/null) || continue
l=
[ $t = l ] && l=$(readlink -- "$f"; printf .) && l=${l%??}
p=${f#"$r"}
printf "%s\0" $t $i "${p#/}" "$l"
done' "$1" {} + 2>/dev/null
fi | ${n:+first} base64
}
first() {
tr '\000\012' '\012\000' | head -n $((7*n+7)) | tr '\000\012' '\012\000' | "$@"
}
seek() {
set -- "$1" . -mindepth 1 ${d:+-maxdepth "$d"}
[ "$h" = 0 ] && set -- "$@" -name '.*' -prune -o
[ "$i" ] && set -- "$@" -regex "$i" -prune -o
case $t in
'') ;;
o*) set -- "$@" ! -type f ! -type d ! -type l ;;
s*) set -- "$@" -type l ;;
*) set -- "$@" -type "${t%"${t#?}"}" ;;
esac
[ "$g" ] && set -- "$@" -regex "$g"
"$@"
}
