read -r _boot </proc/sys/kernel/random/boot_id
is_since() {
[ "${21}" = "$1" ] && [ "$2" != Z ]
}
alive() {
_l=
read -r _l 2>/dev/null <"/proc/$1/stat"
is_since "$2" ${_l##*) }
}
look() {
_at= _pp= _ps= _n= _w= _code= _ended=
read -r _sp _ss _sb _at 2>/dev/null <"$1/state"
[ "$_at" ] || return
_d=$1
_st=exited
read -r _pp _ps _n <"$1/pid"
for _l in 1 2; do
read -r _w _code _ended <"$1/exit"
[ "$_w" = + ] && return
read -r _pp _ps _n <"$1/pid"
if [ "$_sb" = "$_boot" ] && { alive "$_sp" "$_ss" || alive "$_pp" "$_ps"; }; then
_st=running
_ended=
return
fi
done
_st=lost
_ended=
}
tell() {
read -r _j <"$_d/spec.json"
[ $_st = exited ] || _code=
printf '%s\n%s %s %s %s %s %s %s\n' "$_j" "${_d##*/}" $_st "$_at" "${_pp:--}" "${_n:-0}" "${_code:--}" "${_ended:--}"
}
say() {
echo "!$1"
exit
}
seek_in() {
for _g in "$1/$_i" "$1/$_i@"*; do
look "$_g" && return
done
return 1
}
process() {
_i=$1
case $_i in '' | .* | *[!A-Za-z0-9._@-]*) say absent ;; esac
states processes seek_in || say absent
}
send() {
kill -s "$1" -- "$2" 2>/dev/null || sudo -n kill -s "$1" -- "$2" 2>/dev/null
}
is_stray() {
[ "$6" = "$2" ] && [ "$5" != "$2" ] && send "$1" "${_f#/proc/}"
}
signal() {
alive "$_pp" "$_ps" || return
send "$1" "-$_pp"
for _f in /proc/[0-9]*; do
_l=
read -r _l 2>/dev/null <"$_f/stat" && is_stray "$1" "$_pp" ${_l##*) }
done
}
