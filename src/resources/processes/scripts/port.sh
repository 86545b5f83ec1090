[ -z "$6" ] || process "$6"
p=$(printf %04X "$2")
listens() {
while read -r _l _a _r _s _l; do
case $_s$_a in 0A*:"$p") return ;; esac
done
return 1
}
get() {
timeout 5 bash -c 'exec 3<>"/dev/tcp/$0/$1" && printf "GET %s HTTP/1.0\r\nHost: localhost:%s\r\nConnection: close\r\n\r\n" "$2" "$1" >&3 && read -r v s r <&3 && echo "$s"' "$1" "$2" "$3" 2>/dev/null
}
[ -z "$3" ] || has bash timeout
answers() {
cat /proc/net/tcp /proc/net/tcp6 2>/dev/null | listens || return
[ "$3" ] || return 0
for _h in 127.0.0.1 ::1; do
_s=$(get $_h "$2" "$3")
case $4.$_s in
0.[23]*) return ;;
"$4.$4") return ;;
esac
done
return 1
}
read -r _end _l </proc/uptime
_end=$((${_end%.*}+$5))
until answers "$@"; do
if [ "$6" ]; then
look "$_d" || say absent
[ $_st = running ] || say gone
fi
read -r _up _l </proc/uptime
[ "${_up%.*}" -lt $_end ] || say waiting
sleep .1
done
say open
