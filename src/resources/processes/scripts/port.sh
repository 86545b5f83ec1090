[ -z "$7" ] || process "$7"
p=$(printf %04X "$2")
listens() {
while read -r _l _a _r _s _l; do
case $_s$_a in 0A*:"$p") return ;; esac
done
return 1
}
asker() {
for _by in curl python3 bash wget node; do
case $_by in bash | wget) command -v timeout >/dev/null || continue ;; esac
command -v $_by >/dev/null && return
done
fail 'tool_missing:curl, python3, bash, wget or node'
}
get() {
_u=http://$1:$2$3
case $_by in
curl) curl -qgs --noproxy '*' -m 5 -o /dev/null -w '%{http_code}' "$_u" ;;
python3) python3 -c 'import sys, http.client
c = http.client.HTTPConnection(sys.argv[1].strip("[]"), int(sys.argv[2]), timeout=5)
c.request("GET", sys.argv[3])
print(c.getresponse().status)' "$1" "$2" "$3" ;;
bash) timeout 5 bash -c 'h=${0#[}
exec 3<>"/dev/tcp/${h%]}/$1" && printf "GET %s HTTP/1.0\r\nHost: localhost:%s\r\n\r\n" "$2" "$1" >&3 && read -r v s r <&3 && echo "$s"' "$1" "$2" "$3" ;;
wget) timeout 5 wget -S -O /dev/null "$_u" 2>&1 | sed -n 's,^ *HTTP/[0-9.]* \([0-9]*\).*,\1,p' | head -n 1 ;;
node) node -e 'require("http").get(process.argv[1], { timeout: 5000 }, (r) => { console.log(r.statusCode); process.exit() }).on("timeout", process.exit).on("error", process.exit)' "$_u" ;;
esac 2>/dev/null
}
if [ "$4" ]; then
asker
unset http_proxy HTTP_PROXY
fi
answers() {
cat /proc/net/tcp /proc/net/tcp6 2>/dev/null | listens || return
[ "$4" ] || return 0
for _h in 127.0.0.1 '[::1]'; do
_s=$(get "$_h" "$2" "$4")
case $5.$_s in
0.[23]??) return ;;
"$5.$5") return ;;
esac
done
return 1
}
read -r _end _l </proc/uptime
_end=$((${_end%.*}+$6))
until answers "$@"; do
if [ "$7" ]; then
look "$_d" || say absent
[ $_st = running ] || say gone
fi
read -r _up _l </proc/uptime
[ "${_up%.*}" -lt $_end ] || say waiting
sleep .1
done
say open
