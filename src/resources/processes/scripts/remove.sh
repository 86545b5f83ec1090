process "$2"
[ $_st != running ] || true >"$_d/stopped"
signal KILL
[ "$_sb" = "$_boot" ] && alive "$_sp" "$_ss" && send KILL "-$_sp"
rm -rf -- "$_d" 2>/dev/null || {
sleep .2
rm -rf -- "$_d"
}
