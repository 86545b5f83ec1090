show() {
for _g in "$1"/*; do
look "$_g" && tell
done
return 1
}
states processes show
exit 0
