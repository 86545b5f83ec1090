process "$2"
tell
