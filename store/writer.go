package store

import (
	"cmp"
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
	"reflect"
)

// writer is the one connection that writes, with its statements, which are prepared once. It speaks to the driver itself:
// what database/sql adds (a pool, locks, copies of each argument) takes a tenth of the time of a transaction and serves one
// connection that one goroutine at a time uses not at all. It belongs to whoever holds the turn.
type writer struct {
	conn  driver.Conn
	stmts map[string]*prepared
	args  []driver.NamedValue // room for the arguments of a statement
	row   []driver.Value      // room for a row
}

// prepared is a statement of the writer.
type prepared struct {
	driver.Stmt
	exec  driver.StmtExecContext
	query driver.StmtQueryContext
}

func openWriter(d driver.Driver, dsn string) (*writer, error) {
	conn, err := d.Open(dsn)
	if err != nil {
		return nil, err
	}
	return &writer{conn: conn, stmts: map[string]*prepared{}}, nil
}

func (w *writer) close() error {
	var errs []error
	for _, st := range w.stmts {
		errs = append(errs, st.Close())
	}
	return errors.Join(append(errs, w.conn.Close())...)
}

// prepare returns the statement of a text, which must be one of a fixed number: each is kept.
func (w *writer) prepare(ctx context.Context, query string) (*prepared, error) {
	if st, ok := w.stmts[query]; ok {
		return st, nil
	}
	conn, ok := w.conn.(driver.ConnPrepareContext)
	if !ok {
		return nil, errors.New("the driver prepares no statements")
	}
	s, err := conn.PrepareContext(ctx, query)
	if err != nil {
		return nil, err
	}
	st := &prepared{Stmt: s}
	exec, canExec := s.(driver.StmtExecContext)
	ask, canAsk := s.(driver.StmtQueryContext)
	if !canExec || !canAsk {
		return nil, errors.Join(errors.New("the driver runs no prepared statements"), s.Close())
	}
	st.exec, st.query = exec, ask
	w.stmts[query] = st
	return st, nil
}

// run carries a statement out.
func (w *writer) run(ctx context.Context, query string, args []any) (driver.Result, error) {
	st, err := w.prepare(ctx, query)
	if err != nil {
		return nil, err
	}
	defer w.forget()
	if err := w.take(args); err != nil {
		return nil, err
	}
	return st.exec.ExecContext(ctx, w.args)
}

// each calls fn for every row of a query. fn must not use the writer.
func (w *writer) each(ctx context.Context, query string, args []any, fn func(scanner) error) error {
	return w.ask(ctx, query, args, func(rows driver.Rows) error {
		for {
			switch err := rows.Next(w.row); {
			case errors.Is(err, io.EOF):
				return nil
			case err != nil:
				return err
			}
			if err := fn(values(w.row)); err != nil {
				return err
			}
		}
	})
}

// get reads the first row of a query into dest and tells whether there was one.
func (w *writer) get(ctx context.Context, query string, args, dest []any) (found bool, err error) {
	err = w.ask(ctx, query, args, func(rows driver.Rows) error {
		switch err := rows.Next(w.row); {
		case errors.Is(err, io.EOF):
			return nil
		case err != nil:
			return err
		}
		found = true
		return values(w.row).Scan(dest...)
	})
	return found && err == nil, err
}

// ask begins a query, hands its rows to fn with room for one in w.row, and ends it.
func (w *writer) ask(ctx context.Context, query string, args []any, fn func(driver.Rows) error) (err error) {
	st, err := w.prepare(ctx, query)
	if err != nil {
		return err
	}
	defer w.forget()
	if err := w.take(args); err != nil {
		return err
	}
	rows, err := st.query.QueryContext(ctx, w.args)
	if err != nil {
		return err
	}
	defer func() { err = cmp.Or(err, rows.Close()) }()
	for range len(rows.Columns()) {
		w.row = append(w.row, nil)
	}
	return fn(rows)
}

// take lays out the arguments as the driver wants them.
func (w *writer) take(args []any) error {
	for i, a := range args {
		v, err := value(a)
		if err != nil {
			return fmt.Errorf("argument %d: %w", i+1, err)
		}
		w.args = append(w.args, driver.NamedValue{Ordinal: i + 1, Value: v})
	}
	return nil
}

// forget lets go of what the room held.
func (w *writer) forget() {
	clear(w.args)
	clear(w.row)
	w.args, w.row = w.args[:0], w.row[:0]
}

// value is an argument as a value of the driver.
func value(a any) (driver.Value, error) {
	switch v := a.(type) {
	case nil, int64, float64, bool, []byte, string:
		return v, nil
	case int:
		return int64(v), nil
	case uint32:
		return int64(v), nil
	}
	return driver.DefaultParameterConverter.ConvertValue(a)
}

// values is a row as the driver gives it: its bytes are new for each row, so they need not be copied.
type values []driver.Value

// Scan is as of sql.Rows, for the kinds of destination that the store has.
func (v values) Scan(dest ...any) error {
	if len(dest) != len(v) {
		return fmt.Errorf("%d destinations for %d columns", len(dest), len(v))
	}
	for i, d := range dest {
		if err := assign(d, v[i]); err != nil {
			return fmt.Errorf("column %d: %w", i+1, err)
		}
	}
	return nil
}

func assign(dest any, src driver.Value) error {
	switch s := src.(type) {
	case string:
		if d, ok := dest.(*string); ok {
			*d = s
			return nil
		}
	case int64:
		switch d := dest.(type) {
		case *int64:
			*d = s
			return nil
		case *int:
			*d = int(s)
			return nil
		case *bool:
			*d = s != 0
			return nil
		}
	case []byte:
		if d, ok := dest.(*[]byte); ok {
			*d = s
			return nil
		}
	}
	if d, ok := dest.(sql.Scanner); ok {
		return d.Scan(src)
	}
	return assignKind(reflect.ValueOf(dest).Elem(), src)
}

// assignKind assigns by the kinds of the types, without loss.
func assignKind(d reflect.Value, src driver.Value) error {
	s := reflect.ValueOf(src)
	switch k := d.Kind(); {
	case src == nil && (k == reflect.Slice || k == reflect.Pointer):
		d.SetZero()
		return nil
	case src == nil:
	case k == reflect.String && s.Kind() == reflect.String:
		d.SetString(s.String())
		return nil
	case d.CanInt() && s.CanInt() && !d.OverflowInt(s.Int()):
		d.SetInt(s.Int())
		return nil
	case d.CanUint() && s.CanInt() && s.Int() >= 0 && !d.OverflowUint(uint64(s.Int())):
		d.SetUint(uint64(s.Int()))
		return nil
	case k == reflect.Bool && s.CanInt():
		d.SetBool(s.Int() != 0)
		return nil
	case d.CanFloat() && s.CanFloat():
		d.SetFloat(s.Float())
		return nil
	case d.CanFloat() && s.CanInt():
		d.SetFloat(float64(s.Int()))
		return nil
	case k == reflect.Slice && s.Type() == d.Type():
		d.Set(s)
		return nil
	}
	return fmt.Errorf("%T does not go into %s", src, d.Type())
}
