at "$2"
there "$b" || ls -d -- "$b" >/dev/null || exit 1
[ "$4" = 1 ] || [ -L "$b" ] || [ ! -d "$b" ] || fail is_directory
exec 8<.
f=/proc/self/fd/8/$b
at "$3"
[ "$5" = 1 ] || ! there "$b" || fail already_exists
if [ -d "$f" ] && [ ! -L "$f" ] && [ -d "$b" ] && [ ! -L "$b" ]; then
cp -af --remove-destination -- "$f/." "$b"
else
bring "$5"
fi
