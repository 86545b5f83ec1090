export const deno = [];
