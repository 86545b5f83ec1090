process "$2"
up() {
read -r _up _l </proc/uptime
_up=${_up%.*}
}
up
_end=$((_up+$4))
while [ $_st = running ] && up && [ $_up -lt $_end ]; do
sleep .1
look "$_d" || say absent
done
tell || say absent
