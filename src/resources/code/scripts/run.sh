find_context "$2" || fail not_found
alive || fail not_started
r=$d/run-$SUPERSERVE_CALL
p=$pid
mkdir -m 700 -- "$r" && mkfifo -- "$r/out" || exit 1
c= w=
trap 'kill $c $w 2>/dev/null; : 1<>"$r/out"; rm -rf -- "$r"' EXIT
trap 'echo "interrupt $SUPERSERVE_CALL" 1<>"$d/requests"; exit 1' TERM
printf %s "$3" >"$r/cwd" && echo $$ >"$r/pid" || exit 1
n=$4
shift 4
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
echo "run $SUPERSERVE_CALL" 1<>"$d/requests"
wait $c || fail not_started
