at "$2"
there "$b" || ls -d -- "$b" >/dev/null || exit 1
exec 8<.
f=/proc/self/fd/8/$b
at "$3"
put "$f" "$b" "$4"
