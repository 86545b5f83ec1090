at "$2"
[ -L "$b" ] || ls -d -- "$b" >/dev/null || exit 1
if [ "$3" = 1 ]; then
rm -rf -- "$b"
elif [ -d "$b" ] && [ ! -L "$b" ]; then
rmdir -- "$b"
else
rm -f -- "$b"
fi
