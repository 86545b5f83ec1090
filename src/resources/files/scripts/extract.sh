has tar
into "$2"
a=./${3##*/}
end() {
find "$a.new" -type d ! -perm -700 -exec chmod u+rwx {} + 2>/dev/null
rm -rf -- "$a" "$a".*
}
trap end EXIT
trap 'exit 1' TERM
umask 022
[ -z "$root" ] || own "$a" "$a".*
n=0
while [ "$n" -lt "$4" ]; do
n=$((n+1))
cat -- "$a.$n" >>"$a" && rm -f -- "$a.$n" || exit 1
done
mkdir -- "$a.new" || exit 1
e=$(tar -xpof "$a" -C "$a.new" 2>&1) || {
printf '%s\n' "$e" | grep -v 'Exiting with' | tail -n 1 >&2
exit 1
}
[ -z "$root" ] || plain "$a.new"
if [ "$5" = 1 ]; then
[ -z "$root" ] || fail outside_root
xargs -0r rm -rf -- <"$a.gone" || exit 1
fi
umask 0
if [ -z "$(find . -mindepth 1 -maxdepth 1 ! -name "${a#./}*" | head -n 1)" ]; then
find "$a.new" -mindepth 1 -maxdepth 1 -exec mv -t . -- {} + 2>/dev/null && exit
fi
e=$(cp -rdl --remove-destination -- "$a.new/." . 2>&1 || cp -rd --preserve=timestamps --remove-destination -- "$a.new/." . 2>&1) || {
case $e in
*'cannot overwrite non-directory'*) fail not_directory ;;
esac
printf '%s\n' "$e" >&2
exit 1
}
