s=TERM
for round in 1 2 3 4 5 6 7 8 9; do
k=
for p in $(grep -lsz "SUPERSERVE_CALL=$1" /proc/[0-9]*/environ); do
p=${p%/*}
kill -$s "${p##*/}" 2>/dev/null && k=1
done
[ "$k" ] || exit 0
[ $s = KILL ] || sleep 1
s=KILL
done
