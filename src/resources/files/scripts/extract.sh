has tar
into "$2"
a=./${3##*/}
end() {
find "$a.new" -type d ! -perm -700 -exec chmod u+rwx {} + 2>/dev/null
rm -rf -- "$a" "$a.new" "$a.gone"
}
trap end EXIT
trap 'exit 1' TERM
umask 022
[ -z "$root" ] || own "$a" "$a.gone"
mkdir -- "$a.new" || exit 1
e=$(tar -xpof "$a" -C "$a.new" 2>&1) || {
printf '%s\n' "$e" | grep -v 'Exiting with' | tail -n 1 >&2
exit 1
}
[ -z "$root" ] || plain "$a.new"
if [ "$4" = 1 ]; then
[ -z "$root" ] || fail outside_root
xargs -0r rm -rf -- <"$a.gone" || exit 1
fi
umask 0
e=$(cp -rdl --remove-destination -- "$a.new/." . 2>&1 || cp -rd --preserve=timestamps --remove-destination -- "$a.new/." . 2>&1) || {
case $e in
*'cannot overwrite non-directory'*) fail not_directory ;;
esac
printf '%s\n' "$e" >&2
exit 1
}
