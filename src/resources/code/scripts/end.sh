find_context "$2" || say absent
if [ "$3" = interrupt ]; then
! alive || echo "interrupt ${4:-*}" 1<>"$d/requests"
exit 0
fi
has flock
exec 9>"$d/lock" && flock 9 || exit 1
s=
for round in 1 2 3 4 5 6 7 8 9; do
alive || break
kill -KILL "-$kin" 2>/dev/null
[ -z "$s" ] || kill -KILL "$pid" 2>/dev/null
sleep .1
[ "$round" -lt 5 ] || s=1
done
! alive || fail permission_denied
sweep
[ "$3" = restart ] || rm -rf -- "$d"
