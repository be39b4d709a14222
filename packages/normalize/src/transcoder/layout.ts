/*
 * What the host and the transcoder (`assembly/`) agree on: where things stand in their common memory, and the numbers that
 * pass between them. Both compile this file. All offsets are bytes; addresses are unsigned 32-bit numbers, 0 for none.
 */

/** A key of an object, with all that may be done with a value under it. */
export const recordBytes = 72
/** The first eight bytes of the key and its closing quote, of which `recordMask` says how many count; the last eight. */
export const recordFirst = 0
export const recordMask = 8
export const recordLast = 16
/** All of them, and how many there are. */
export const recordKey = 24
export const recordKeyBytes = 28
/** The record of the key that came behind this one last time. */
export const recordNext = 32
/** Serial of the object in which the key was seen last. */
export const recordStamp = 36
/** Where a scalar goes: its slot and its presence bit, counted from the row. */
export const recordSlot = 40
export const recordPresence = 44
export const recordBit = 48
export const recordKind = 49
export const recordFlags = 50
/** Where an object goes, and where a list goes. */
export const recordNode = 52
export const recordList = 56
/** Position among the keys of its object, from 0. */
export const recordOrder = 60
/** Most digits that a decimal may have in front of its point, and behind it. */
export const recordBefore = 64
export const recordBehind = 65

/** A place at which objects are read. */
export const nodeBytes = 16
/** The record of the key that came first last time. */
export const nodeFirst = 0
/** Addresses of records by the hash of their key, and the size of that table less one. */
export const nodeTable = 4
export const nodeTableMask = 8

/** A place at which the elements of lists become rows. */
export const listBytes = 16
export const listTable = 0
/** What is done with an element that is an object, a scalar, or a list itself. */
export const listNode = 4
export const listValue = 8
export const listWrapped = 12

/** A table, with its rows of the batch as a linked list. */
export const tableBytes = 64
export const tableRowBytes = 0
export const tablePresenceBytes = 4
export const tableRows = 8
export const tableHead = 12
export const tableTail = 16
/** What the three above were before the root row at hand, whose serial is in `tableSerial`. */
export const tableSavedRows = 20
export const tableSavedTail = 24
export const tableSerial = 28
export const tableTouched = 32
/** Ids of its rows, one behind the other. */
export const tableIds = 36
/** How ids of its rows come about; of ids by key the columns of the key and their number, of ids by place `_name_`. */
export const tableIdRule = 40
export const tableKey = 44
export const tableKeyLength = 48

/** Ids are the host's; by key or by content they are given while rows are read, by place with the batch. */
export const idsByHost = 0
export const idsByKey = 1
export const idsByContent = 2
export const idsByPlace = 3

/** A row: this header, presence bits, then slots of eight bytes. */
export const rowNext = 0
export const rowParent = 4
export const rowIndex = 8
export const rowOrdinal = 12
export const rowRoot = 16
export const rowTable = 20
export const rowHeaderBytes = 24
export const slotBytes = 8

/** What a scalar under a key must be to be taken as it is, and what its slot holds then. */
export const kindSlow = 0
/** Address and length of the raw string. */
export const kindText = 1
export const kindInteger = 2
export const kindDouble = 3
/** Address and length of the number's text. */
export const kindDoubleText = 4
export const kindBool = 5
/** Microseconds since 1970 in UTC; written without a zone where a column has none. */
export const kindTimestamp = 6
export const kindNaiveTimestamp = 7
/** Address and length of an object or a list, as text. */
export const kindJson = 8
/** The same of the text of a decimal or a date, which is the one that it is printed with. */
export const kindDecimal = 9
export const kindDate = 10
/** Columns that rows get beside their data. */
export const kindId = 11
export const kindParentId = 12
export const kindRootId = 13
export const kindIndex = 14
/** The same text in each row; its address and length stand in for slot and presence. */
export const kindConstant = 15
/** Nothing. */
export const kindNone = 16

/** A null may come: it leaves no trace. */
export const flagNull = 1
/** Integers that no double has may come. */
export const flagInexact = 2
/** Integers may come where doubles or decimals are expected. */
export const flagIntegers = 4
/** Such an integer is written as a double is, with a fraction. */
export const flagFraction = 8
/** A list may come empty. */
export const flagEmptyList = 16
/** A timestamp, decimal or date may come only behind its type marker. */
export const flagMarked = 32

/** Upper bits of a length in a slot: a string with escapes, a number's text or JSON that is to be printed anew. */
export const spanReprint = 0x8000_0000
/** A number's text that gets `.0`. */
export const spanFraction = 0x4000_0000
export const spanLength = 0x3fff_ffff

/** A column of a text format, as the emitter reads it. */
export const columnBytes = 32
export const columnKind = 0
export const columnSlot = 4
export const columnPresence = 8
export const columnBit = 12
/** What is written in front of a value: `"name":`, with a comma where it is not the first. */
export const columnName = 16
export const columnNameBytes = 20

/** The address of a row, in the index of a table's rows. */
export const indexBytes = 4

/** Characters of a row id. */
export const idBytes = 14

/** How a scan ended: all was read; a row is for the host; the batch is full; the line is malformed between its rows. */
export const statusDone = 0
export const statusSlow = 1
export const statusFull = 2
export const statusMalformed = 3

/** Where a scan of an array of rows is. */
export const stateOutside = 0
export const stateOpened = 1
export const stateComma = 2
export const stateElement = 3
export const stateClosed = 4

/** Bytes that may be read behind the input. */
export const paddingBytes = 64
