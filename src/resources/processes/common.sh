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
[ -e "$1/state" ]
}
tell() {
read -r _j 2>/dev/null <"$_d/spec.json" || return
[ $_st = exited ] || _code=
printf '%s\n%s %s %s %s %s %s %s\n' "$_j" "${_d##*/}" $_st "$_at" "${_pp:--}" "${_n:-0}" "${_code:--}" "${_ended:--}"
}
discard() {
rm -f -- "$1/state"
rm -rf -- "$1"
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
kill -s "$1" -- "$2" 2>/dev/null || ${_as:-false} kill -s "$1" -- "$2" 2>/dev/null
}
has_session() {
[ "$4" = "$_pp" ]
}
is_stray() {
[ "$3" != "$_own" ] && [ "$4" != "$_sp" ] || return
[ "$4" = "$_own" ] && return
case "$_m" in *" $_p "*) return 0 ;; esac
return 1
}
is_one() {
_l=
read -r _l 2>/dev/null <"/proc/$2/stat" && "$1" ${_l##*) }
}
marked() {
case $_j in *'"user":'*) _as='sudo -n' ;; *) _as= ;; esac
[ "$(id -u)" != 0 ] || _as=
_m=' '
for _p in $($_as grep -lsxzF "SUPERSERVE_PROCESS=${_d##*/}" /proc/[0-9]*/environ); do
_p=${_p%/*}
_m="$_m${_p#/proc/} "
done
}
signal() {
[ "$_sb" = "$_boot" ] || return 0
read -r _j <"$_d/spec.json"
_own=
marked
if alive "$_pp" "$_ps"; then
_own=$_pp
else
for _p in $_m; do
! is_one has_session "$_p" || _own=$_pp
done
fi
[ -z "$_own" ] || send "$1" "-$_own" || send "$1" "$_own"
for _p in /proc/[0-9]*; do
_p=${_p#/proc/}
is_one is_stray "$_p" && send "$1" "$_p"
done
}
