at "$2"
there "$b" || ls -d -- "$b" >/dev/null || exit 1
exec 8<.
f=/proc/self/fd/8/$b
at "$3"
if [ "$(stat -c %d -- "$f")" = "$(stat -c %d .)" ]; then
put "$f" "$b" "$4"
else
[ "$4" = 1 ] || ! there "$b" || fail already_exists
bring "$4" && rm -rf -- "$f"
fi
