has find grep sort xargs head cut base64
e=E
[ "$5" = 1 ] && e=Ei
echo | grep -q$e -e "$3" 2>/dev/null
[ $? -lt 2 ] || fail bad_pattern
at "$2"
[ -z "$root" ] || follow
if [ -d "$b" ]; then
into "$b"
b=
else
ls -dL -- "$b" >/dev/null || exit 1
fi
[ -r "${b:-.}" ] || fail permission_denied
d= g=$4 t=f h=$9 i=${10}
c=${8:-0}
n=$((($7+1)*(2*c+1)))
print() {
find "$@" -print0 2>/dev/null
}
paths() {
if [ -f "$b" ]; then
printf './/%s\0' "${b#./}"
elif [ -z "$b" ]; then
seek print | sort -z
fi
}
if echo | grep -Z --color=always --no-group-separator '' >/dev/null 2>&1 && cut --version >/dev/null 2>&1; then
export GREP_COLORS='mt=8;9:fn=:ln=:se=:ne'
paths | xargs -0 grep -HZnsI$e --color=always --no-group-separator -C "$c" -e "($3).*" | head -n $n | cut -b -8200
else
has sed tr wc
case $3 in *"$(printf '\001')"*) fail bad_pattern ;; esac
paths | xargs -0 -n 99 sh -c 'e=$0 p=$1 c=$2 m=$3 s=$4
shift 4
grep -qs$e -e "$p" -- "$@" || exit 0
for f do
grep -qs$e -e "$p" -- "$f" && [ "$(tr -dc "\0" <"$f" | head -c 1 | wc -c)" = 0 ] || continue
sed -E "s$s($p).*$s$m&${m%8*}m$s${e#E}" <"$f" | grep -n -C $c -F -e "$m" | cut -b -4100 | while IFS= read -r l; do
[ "$l" = -- ] || printf "%s\0%s\n" "$f" "$l"
done
done' $e "$3" "$c" "$(printf '\033[8;9m')" "$(printf '\001')" | head -n $n
fi | base64
