at "$2"
[ -z "$root" ] || [ ! -L "$b" ] || fail outside_root
m=$(printf %o "$3")
if [ "$4" = 1 ]; then
chmod -R -- "$m" "$b"
else
chmod -- "$m" "$b"
fi
