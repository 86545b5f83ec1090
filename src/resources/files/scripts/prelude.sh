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
command -v "$1" >/dev/null || fail "tool_missing:$1"
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
tell() {
has base64
if find . -maxdepth 0 -printf '' 2>/dev/null; then
find "$@" -printf '%y\0%s\0%m\0%T@\0%u\0%P\0%l\0' 2>/dev/null
else
r=$1
shift
find "$r" "$@" -exec sh -c 'r=$0
for f do
if [ -L "$f" ]; then t=l
elif [ -d "$f" ]; then t=d
elif [ -f "$f" ]; then t=f
else t=o
fi
i=$(stat -c "%s %a %Y %U" -- "$f") || continue
l=
[ $t = l ] && l=$(readlink -- "$f"; printf .) && l=${l%??}
p=${f#"$r"}
printf "%s\0" $t $i "${p#/}" "$l"
done' "$r" {} + 2>/dev/null
fi | base64
}
