find_context "$2" || say absent
read -r l <"$d/language"
case $4 in '' | "$l") ;; *) say "other $l" ;; esac
alive || say stopped
r=$d/run-$3
p=$pid
mkdir -m 700 -- "$r" && mkfifo -- "$r/out" || exit 1
c= w=
trap 'kill $c $w 2>/dev/null; : 1<>"$r/out"; rm -rf -- "$r"' EXIT
trap 'echo "interrupt ${r##*/run-}" 1<>"$d/requests"; exit 1' TERM
printf %s "$5" >"$r/cwd" && echo $$ >"$r/pid" || exit 1
n=$6
shift 6
while [ "$n" -gt 0 ]; do
printf '%s\0' "$1" || exit 1
shift
n=$((n-1))
done >"$r/env"
printf %s "$@" >"$r/source" || exit 1
cat -- "$r/out" &
c=$!
{
while alive && [ "$pid" = "$p" ]; do
sleep 1
done
kill $c
} >/dev/null 2>&1 &
w=$!
echo "run ${r##*/run-}" 1<>"$d/requests"
wait $c
exit 0
