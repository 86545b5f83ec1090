at "$2"
there "$b" || ls -d -- "$b" >/dev/null || exit 1
exec 8<.
f=/proc/self/fd/8/$b
at "$3"
if [ "$4" = 1 ]; then
[ -L "$f" ] || [ ! -d "$f" ] || [ -d "$b" ] || ! there "$b" || fail not_directory
mv -fT -- "$f" "$b"
else
there "$b" && fail already_exists
mv -nT -- "$f" "$b" || exit 1
there "$f" && fail already_exists
exit 0
fi
