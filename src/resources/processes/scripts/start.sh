[ -z "$2" ] || into "$2"
has setsid flock mkfifo dd
state processes
case $3 in '' | .* | *[!A-Za-z0-9._@-]*) exit 1 ;; esac
case $3 in *@*)
exec 9>>"$state/lock" && flock 9 || exit 1
for _o in "$state/${3%%@*}@"*; do
[ -d "$_o" ] || continue
look "$_o" && [ $_st = running ] && say exists
discard "$_o" || exit 1
done
;;
esac
_d=$state/$3 _spec=$4 _user=$5 _restart=$6 _z=$7
shift 7
_by=
if [ "$_user" ] && [ "$_user" != "$(id -un)" ]; then
case $_user in -* | *[!A-Za-z0-9._-]*) fail "tool_missing:such user" ;; esac
_name=$(id -un -- "$_user" 2>/dev/null) || fail "tool_missing:user $_user"
eval "_home=~$_name"
set -- HOME="$_home" USER="$_name" LOGNAME="$_name" "$@"
if [ "$(id -u)" != 0 ]; then
sudo -n -u "$_name" true 2>/dev/null || fail "tool_missing:way to run a program as $_name: neither is this root, nor may it sudo"
set -- sudo -n -u "$_name" -- env -- "SUPERSERVE_PROCESS=${_d##*/}" "$@"
else
_by=$(command -v setpriv || command -v runuser) || fail tool_missing:runuser
fi
fi
# Not in a command line, where other users would read them.
_e=0
while case $1 in *=*) true ;; *) false ;; esac; do
_e=$((_e+1))
export "SUPERSERVE_ENV_$_e=$1"
shift
done
case $_by in
*/setpriv) set -- "$_by" "--reuid=$_name" "--regid=$(id -g "$_name")" --init-groups "$@" ;;
*/runuser) set -- "$_by" -u "$_name" -- "$@" ;;
esac
SUPERSERVE_PROCESS=${_d##*/}
export SUPERSERVE_PROCESS
date +%s%3N | outlive /bin/sh -c '
_d=$1 _restart=$2 _z=$3
_y=$((_z/4))
[ $_y -lt 8192 ] || _y=8192
gone() {
[ "$_in" ] && kill $_in
rm -rf -- "$_d"
exit 1
}
full() {
echo superserve:sandbox_storage_full >&2
gone
}
now() {
_now=$1
case $1 in *%3N) _now=${1%?3N}000 ;; esac
}
ticks() {
_t=${20}
}
ticks_of() {
read -r _l <"/proc/$1/stat"
ticks ${_l##*) }
}
room() {
printf "%64s\n" "" >"$_d/$1" || full
}
finish() {
read -r _w _c _e <"$_d/exit"
[ "$_w" != - ] || printf "+ %s %s\n" "$_c" "$_e" 1<>"$_d/exit"
}
log() {
_k=$1 _o=0 _w=0
_f=$_d/$1.0000000000000000
while [ -d "$_d" ]; do
dd bs=$_y count=$(((_z-_w)/_y)) >>"$_f"
_x=$? _v=$_w
_w=$(wc -c <"$_f")
if [ $((_w+_y)) -gt $_z ]; then
_o=$((_o+_w)) _w=0
_g=$_d/$_k.$(printf %016d $_o)
set -- "$_d/$_k."*
[ $# -lt 8 ] || rm -f -- "$1"
true >"$_g" || { mv -f -- "$_f" "$_g" && true >"$_g"; }
_f=$_g
elif [ $_x = 0 ]; then
[ "$_w" != $_v ] || break
else
for _g in "$_d/$_k."*; do
[ "$_g" = "$_f" ] || rm -f -- "$_g"
done
sleep 1
fi
done
}
read -r _at || exit 1
now $_at
_at=$_now
mkdir -m 700 -- "$_d" || exit 1
mkfifo -m 600 -- "$_d/stdin" || gone
printf "%s\n" "$4" >"$_d/spec.json" || full
room exit
room pid
true >"$_d/stdout.0000000000000000" && true >"$_d/stderr.0000000000000000" || gone
_e=$5
shift 5
exec 4>&1 >/dev/null
sleep 2147483647 7<>"$_d/stdin" </dev/null 2>&1 4>&- 9>&- &
_in=$!
ticks_of $_in
printf "%s %s\n" $_in $_t >"$_d/input" || full
ticks_of $$
read -r _b </proc/sys/kernel/random/boot_id
printf "%s %s %s %s\n" $$ $_t $_b $_at >"$_d/state" || full
exec 2>/dev/null 9>&-
{
{
_n=0 _s=1
while :; do
_i=$_d/stdin
[ ! -e "$_d/closed" ] || _i=/dev/null
(
read -r _l </proc/self/stat
ticks ${_l##*) }
printf "%s %s %s\n" "${_l%% *}" $_t $_n 1<>"$_d/pid"
if [ $_n = 0 ]; then
trap "" PIPE
echo ok >&4
trap - PIPE
fi
_i=$_e
while [ $_i != 0 ]; do
eval "set -- \"\$SUPERSERVE_ENV_$_i\" \"\$@\""
unset SUPERSERVE_ENV_$_i
_i=$((_i-1))
done
[ $_e = 0 ] || set -- env -- "$@"
exec setsid "$@" 2>&3 3>&- 4>&-
) <"$_i"
_c=$?
now $(date +%s%3N)
[ $_n != 0 ] || exec 4>&-
[ $_restart = on-failure ] && [ $_c != 0 ] || break
[ $((_now-_at)) -lt 60000 ] || _s=1
_w=$_s
while [ ! -e "$_d/stopped" ] && [ $_w != 0 ]; do
sleep 1
_w=$((_w-1))
done
[ ! -e "$_d/stopped" ] || break
_n=$((_n+1)) _s=$((_s*2)) _at=$((_now+_s*1000))
[ $_s -lt 30 ] || _s=30
done
kill $_in
printf "%s %s %s\n" - $_c $_now 1<>"$_d/exit"
{
_v=
for _l in 1 2 3 4 5; do
_w=$(wc -c "$_d"/std*.*)
[ "$_w" != "$_v" ] || break
_v=$_w
sleep 1
done
finish
} >/dev/null 3>&- &
} | log stdout >/dev/null 3>&- 4>&-
} 3>&1 | log stderr 4>&-
finish
' sh "$_d" "$_restart" "$_z" "$_spec" "$_e" "$@" | {
read -r _l
[ "$_l" = ok ]
} || exit 1
exec 9>&-
look "$_d"
tell
