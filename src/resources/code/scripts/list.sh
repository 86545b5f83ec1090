list() {
for d in "$1"/*/; do
d=${d%/}
{ read -r l <"$d/language" || [ "$l" ]; } 2>/dev/null || continue
s=stopped t=-
if alive; then
s=idle
[ ! -e "$d/running" ] || s=running
t=$(stat -c %Y -- "$d/pid")
fi
echo "${d##*/} $l $s $t"
done
return 1
}
states code list
exit 0
