import { setFlagsFromString } from 'node:v8'

/**
 * From now on the space for young objects grows no more. A dump is loaded with next to no garbage, and yet Node would let it
 * grow to 33 MB in time (measured: 142 to 151 MB instead of 148 to 166, in the same time).
 */
export const limitYoungObjects = (): void => setFlagsFromString('--semi-space-growth-factor=1')
