process "$2"
[ $_st != running ] || true >"$_d/stopped"
for _l in 1 2 3 4 5; do
signal KILL
[ "$_sb" = "$_boot" ] || break
for _p in $_m; do
send KILL "$_p"
done
[ "$_m" != ' ' ] || break
done
discard "$_d" 2>/dev/null || {
sleep .2
discard "$_d"
}
