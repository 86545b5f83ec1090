process "$2"
[ $_st = running ] || say ended
[ ! -e "$_d/closed" ] || say closed
if [ "$3" ]; then
has base64
printf %s "$3" | base64 -d 1<>"$_d/stdin" || exit 1
fi
if [ "$4" = 1 ]; then
true >"$_d/closed" || fail sandbox_storage_full
read -r _pp _ps <"$_d/input"
alive "$_pp" "$_ps" && kill "$_pp"
fi
exit 0
