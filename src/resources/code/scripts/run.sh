find_context "$2" || say absent
read -r l <"$d/language"
case $4 in '' | "$l") ;; *) say "other $l" ;; esac
alive || say stopped
[ -d "${5:-/}" ] || say nowhere
r=$d/run-$3
p=$pid
c= w=
trap 'kill $c $w 2>/dev/null; [ ! -e "$r.out" ] || rm -f -- "$r" "$r.out"' EXIT
trap 'exit 1' TERM
trap 'exit 0' USR1
# With both ends open here the driver waits for nobody.
mkfifo -m 600 -- "$r.out" && exec 8<>"$r.out" 7<"$r.out" || exit 1
t=$5 n=$6
shift 6
{
printf '%s\0' "$t" || exit 1
while [ "$n" -gt 0 ]; do
printf '%s\0' "$1" || exit 1
shift
n=$((n-1))
done
printf '\0' && printf %s "$@" || exit 1
} >"$r" || exit 1
echo "run ${r##*/run-} $p $$" 1<>"$d/requests"
{
while kill -0 $$ && alive && [ "$pid" = "$p" ]; do
sleep 1
done
# What a driver has said last is read first, up to its end as a rule.
sleep 1
kill -USR1 $$
} >/dev/null 2>&1 7<&- 8<&- &
w=$!
read -r b <&8
echo "$b"
cat <&7 8<&- &
c=$!
exec 7<&- 8<&-
wait $c
exit 0
