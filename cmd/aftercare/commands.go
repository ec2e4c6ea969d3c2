package main

// commands are the commands for looking and for working on cases.
type commands struct{}
