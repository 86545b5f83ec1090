process "$2"
[ $_st = running ] || say ended
[ ! -e "$_d/closed" ] || say closed
if [ "$3" ]; then
has base64
# Opened so it waits for no reader, and it writes no further than there is one.
exec 8<>"$_d/stdin" 7>"$_d/stdin" 8<&-
printf %s "$3" | base64 -d >&7 || {
[ ! -e "$_d/closed" ] || say closed
say ended
}
fi
if [ "$4" = 1 ]; then
true >"$_d/closed" || fail sandbox_storage_full
read -r _pp _ps <"$_d/input"
alive "$_pp" "$_ps" && kill "$_pp"
fi
exit 0
