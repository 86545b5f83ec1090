# sh view-1.sh ID, in a terminal: it shows that of the id from here on.
#
# Twice it says so by a sequence that shows nothing. What comes between is what was above the screen; what comes after the
# second waits for a line, since tmux throws away what is not yet read of a terminal that it takes over.
unset HISTFILE TMUX
here=${0%/*}
read -r kind tool <"$here/$1/tool" || exit
tmux() {
"$tool" -u -S "$here/tmux" -f "$here/tmux-1.conf" "$@"
}
say() {
printf '\033_superserve\033\\'
}
mode=$(stty -g)
stty -echo
say
if [ "$kind" = tmux ]; then
printf '\033c'
above=$(tmux capture-pane -peJ -S - -E -1 -t "=$1:" 2>/dev/null | tail -c 65536)
if [ "$above" ]; then
printf '%s\n' "$above"
rows=$(stty size)
rows=${rows% *}
while [ "$rows" -gt 1 ]; do
echo
rows=$((rows-1))
done
fi
fi
# What is typed from here on is the tool's, as it is.
stty raw -echo
say
read -r _
if [ "$kind" = tmux ]; then
exec "$tool" -u -S "$here/tmux" -f "$here/tmux-1.conf" new-session -A -s "$1" \
'unset TMUX TMUX_PANE TERM_PROGRAM TERM_PROGRAM_VERSION; exec /bin/bash' >/dev/null
fi
exec "$tool" -IS "$here/helper-1.py" "$mode" "$here/$1"
