import { defineConfig } from "vite";

export default defineConfig({
  build: {
    target: "es2022",
    // Of xterm.js alone there is more than the default.
    chunkSizeWarningLimit: 1000,
  },
});
