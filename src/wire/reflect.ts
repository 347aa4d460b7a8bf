import protobuf from 'protobufjs/light.js'

export const isMessage = (resolved: protobuf.ReflectionObject | null): resolved is protobuf.Type =>
  resolved instanceof protobuf.Type

export const isEnum = (resolved: protobuf.ReflectionObject | null): resolved is protobuf.Enum => resolved instanceof protobuf.Enum

/** The field's name as proto/ spells it, which is also its name in Mesos' JSON. */
export const snakeName = (field: protobuf.Field): string => field.protoName ?? field.name

export const isUnset = (value: unknown): value is undefined | null => value === undefined || value === null
