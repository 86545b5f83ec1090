has tar
case ${3##*/} in
.superserve-*) ;;
*) fail outside_root ;;
esac
at "$3"
rm -f -- "$b"
exec 8>"$b" || exit 1
into "$2"
e=$(tar -cf - --exclude="$b" . 2>&1 >&8) || {
[ $? = 1 ] && case $e in
*'as we read it'* | *'before we read it'*) exit 0 ;;
esac
printf '%s\n' "$e" | grep -v 'Exiting with' | tail -n 1 >&2
exit 1
}
