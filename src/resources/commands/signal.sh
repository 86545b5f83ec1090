n=0 k=
while [ $n -lt 100 ]; do
for p in $(grep -lsz "SUPERSERVE_CALL=$0" /proc/[0-9]*/environ); do
p=${p%/*}
p=${p##*/}
if kill -s "${1#SIG}" "$p"; then k=1
elif kill -0 "$p"; then exit 2
fi
done
[ "$k" ] && exit
n=$((n+1))
sleep 0.1 2>/dev/null || { sleep 1; n=$((n+9)); }
done
exit 1
