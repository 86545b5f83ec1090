say() {
echo ":$1"
exit
}
process "$2"
has base64 tail head wc
_m=$5
_tail=$7
size() {
_f= _b=0
for _g in "$_d/$1."*; do
_f=$_g
done
base "$_f"
_x=$((_b+$(wc -c <"$_f")))
}
base() {
_b=${1##*.}
_b=${_b#"${_b%%[!0]*}"}
_b=${_b:-0}
}
place() {
_o=$2
[ "$2" = -2 ] || return
size "$1"
_o=$_x
[ "$_tail" != 0 ] || return
set -- "$_d/$1."*
base "$1"
_o=$((_x-$(cat -- "$@" | head -c $((_x-_b)) | tail -n "$_tail" | wc -c)))
}
emit() {
_k=$1 _o=$2
while [ "$_o" != -1 ] && [ "$_m" -gt 0 ]; do
_f= _x= _y=
for _g in "$_d/$_k."*; do
base "$_g"
if [ "$_b" -gt "$_o" ]; then
if [ "$_f" ]; then
_x=$_b
break
fi
_o=$_b
fi
_f=$_g _y=$_b
done
[ "$_x" ] || _x=$((_y+$(wc -c <"$_f")))
_w=$((_x-_o))
[ $_w -gt 0 ] || break
[ $_w -le 1048576 ] || _w=1048576
[ $_w -le "$_m" ] || _w=$_m
tail -c +$((_o-_y+1)) -- "$_f" | head -c $_w | base64
echo ":$_k $_o $_w"
_o=$((_o+_w)) _m=$((_m-_w))
done
}
place stdout "$3"
_out=$_o
place stderr "$4"
_err=$_o
echo ":open $_out $_err"
read -r _end _l </proc/uptime
_end=$((${_end%.*}+540))
while look "$_d" || say absent; do
emit stdout $_out
_out=$_o
emit stderr $_err
_err=$_o
[ "$_m" -gt 0 ] || say more
[ $_st = running ] || say end
[ "$6" = 1 ] || say all
read -r _up _l </proc/uptime
[ "${_up%.*}" -lt $_end ] || say more
sleep .1
done
