id_of "$2"
signal=${3#SIG}
end() {
t=$1/$id
running "$t" || return
if [ "$signal" ]; then
f=$(cat "/proc/$shell/stat")
# State, parent, group, session, terminal, the group in front.
set -- ${f##*) }
kill -s "$signal" -- "-$6"
return
fi
if [ "$kind" = tmux ]; then
"$tool" -u -S "$1/tmux" kill-session -t "=$id"
else
kill "$server"
fi
n=0
while running "$t"; do
n=$((n+1))
[ "$n" != 50 ] || [ "$kind" = tmux ] || kill -KILL "$shell" "$server"
[ "$n" -lt 60 ] || exit 1
sleep 0.1 2>/dev/null || sleep 1
done
rm -rf -- "$t"
}
states terminals end
exit 0
