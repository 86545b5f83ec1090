k=' '
for f in tcp tcp6; do
[ -r /proc/net/$f ] || continue
while read -r x l x s x x x x x i x; do
[ "$s" = 0A ] || continue
echo "port $l $i"
k="$k$i "
done </proc/net/$f
done
ls -l /proc/[0-9]*/fd 2>/dev/null | while read -r l; do
case $l in
/proc/*/fd:)
p=${l%/fd:}
p=${p#/proc/}
;;
*' -> socket:['*)
i=${l##*\[}
i=${i%]}
case $k in
*" $i "*) printf 'process %s %s %s\n' "$i" "$p" "$(tr '\000\n' '  ' </proc/$p/cmdline)" ;;
esac
;;
esac
done 2>/dev/null
exit 0
