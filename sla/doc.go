// Package sla holds the promises of the service policy as functions of time: the reply window and the answer by a person
// (policy 4.2), the two clocks of an on-site visit (4.3), working calendars, and the steps by which staff are warned. It
// is pure and uses the standard library only: every time is an argument, every result a value. Instants are absolute;
// a zone matters only where a calendar or a calendar day is named.
package sla
