at "$2"
[ -z "$root" ] || follow
m=$(printf %o "$3")
if [ "$4" = 1 ]; then
chmod -R -- "$m" "$b"
else
chmod -- "$m" "$b"
fi
