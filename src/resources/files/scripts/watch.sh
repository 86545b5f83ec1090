p=$2
d=1
[ "$3" = 1 ] && d=9999
s=$(($4/1000)).$(printf %03d $(($4%1000)))
shift 5
for x do
set -- "$@" -name "$x" -prune -o
shift
done
has base64
new() {
mktemp -p /dev/shm 2>/dev/null || mktemp
}
f=$(new) && exec 8<>"$f" && rm "$f" && f=$(new) && exec 9<>"$f" && rm "$f" || exit 1
a=/proc/self/fd/8
b=/proc/self/fd/9
c=
comm -z $a $b 2>/dev/null && c=-
all() {
printf '\0'
if find . -maxdepth 0 -printf ''; then
find . -mindepth 1 -maxdepth $d "$@" -printf '%M %D.%i %s %T@ %m %u %P//%l\0'
else
find . -mindepth 1 -maxdepth $d "$@" -exec sh -c 'for f do
printf "%s %s//%s\0" "$(stat -c "%A %d.%i %s %Y %a %U" -- "$f")" "${f#./}" "$(readlink -- "$f")"
done' x {} +
fi 2>/dev/null
}
look() {
into "$p"
[ -r . ] || fail permission_denied
all "$@" | sort -z >$b || exit 1
k=
[ -s $a ] && {
cmp -s $a $b && return
k=$c
}
if [ $k ]; then
comm -z3 $a $b
else
cat $b
fi | base64
echo "$w ${k:-=}"
cat $b >$a || exit 1
}
e=$(($(date +%s)+540))
while [ "$(date +%s)" -lt $e ]; do
into "$p"
w=inotify
i=3
command -v inotifywait >/dev/null && {
{
echo .
find . -mindepth 1 -maxdepth $((d-1)) "$@" -type d ! -path '*
*' -print
} | inotifywait -t 30 --format x -e modify,attrib,move,move_self,create,delete,delete_self --fromfile - 2>&1 | {
while read -r l; do
[ "$l" = 'Watches established.' ] || continue
look "$@"
i=0
done
exit $i
}
i=$?
}
case $i in
0) sleep .1 ;;
1) exit 1 ;;
*)
w=polling
look "$@"
sleep $s
esac
done
