export const workerd = [];
