id_of() {
has sha256sum
id=$(printf %s "$1" | sha256sum)
id=$(printf %.32s "$id")
}
# Whether the terminal of that directory runs: what is known of it.
running() {
read -r kind tool 2>/dev/null <"$1/tool" || return
if [ "$kind" = tmux ]; then
f='#{session_created} #{session_attached} #{window_width} #{window_height} #{pane_pid}'
f=$("$tool" -u -S "${1%/*}/tmux" list-windows -t "=${1##*/}" -F "$f" 2>/dev/null) && [ "$f" ] || return
read -r made viewers cols rows shell <<.
$f
.
else
read -r made viewers cols rows shell server 2>/dev/null <"$1/info" || return
tr '\000' '\n' 2>/dev/null <"/proc/$server/cmdline" | grep -qxF -- "$1"
fi
}
