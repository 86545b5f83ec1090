list() {
for d in "$1"/*/; do
d=${d%/}
{ read -r l <"$d/language" || [ "$l" ]; } 2>/dev/null || continue
s=stopped t=0
if alive; then
s=idle
t=$(stat -c %Y -- "$d/pid")
for r in "$d"/run-*/; do
[ ! -d "$r" ] || s=running
done
fi
echo "${d##*/} $l $s $t"
done
return 1
}
states code list
exit 0
