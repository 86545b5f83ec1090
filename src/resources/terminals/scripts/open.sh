id_of "$2"
state terminals
t=$state/$id
mkdir -m 700 -- "$t" 2>/dev/null || [ -d "$t" ] || mkdir -- "$t" || exit 1
# Each file is whole from the moment it is there.
bring() {
"$@" >"$f.$$" && mv -f -- "$f.$$" "$f" || exit 1
}
f=$t/name
bring printf '%s\n' "$2"
# The tool of a terminal that runs stays. Of another it is the first that there is: tmux draws lines anew in place of scrolling
# them when much comes, and they are missing above the screen of who looks.
if ! running "$t"; then
kind=python
tool=$(command -v python3) && "$tool" -IS -c 'import fcntl, pty, select, sys, termios; sys.exit(sys.version_info < (3, 6))' 2>/dev/null || {
kind=tmux
tool=$(command -v tmux) || tool=
case $([ "$tool" ] && "$tool" -V) in
'tmux 3.0'*) tool= ;;
'tmux '[3-9]* | 'tmux '[a-z]*) [ ${#state} -lt 90 ] || tool= ;;
*) tool= ;;
esac
[ "$tool" ] || fail 'tool_missing:python3 (3.6 or newer) and no tmux (3.1 or newer), of which a terminal with a name needs one'
}
f=$t/tool
bring printf '%s %s\n' "$kind" "$tool"
fi
for f in view-1.sh tmux-1.conf helper-1.py; do
text=${f%-*}_text
f=$state/$f
[ -s "$f" ] || bring "$text"
done
v=$state/view-1.sh
case $v in
*[!a-zA-Z0-9/._-]*) v="\"\$(printf '$(printf %s "$v" | od -An -v -to1 | tr -d '\n' | tr ' ' '\\')')\"" ;;
esac
# No shell is to remember it.
printf ' HISTFILE= exec /bin/sh %s %s\n' "$v" "$id"
