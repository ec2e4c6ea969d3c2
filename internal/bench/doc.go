// Package bench holds the measurements of the whole program against real mail servers: `make bench` runs them, by hand. They
// start the binary that is shipped, with a configuration file, and look at it from outside. See docs/speed.md.
package bench
