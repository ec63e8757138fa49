/** A mark as iptables prints it. */
export const hex = (value: number): string => `0x${value.toString(16)}`;
