package sqlstore

import (
	"context"
	"errors"

	"github.com/jinzhu/gorm"
	"github.com/sirupsen/logrus"
)

var errReduced = errors.New("this build has no database but sqlite3")

type postgresDB struct{}

type mysqlDB struct {
	logger logrus.FieldLogger
}

func (postgresDB) connect(context.Context, *configuration, bool) (*gorm.DB, string, bool, error) {
	return nil, "", false, errReduced
}

func (postgresDB) isConstraintViolation(error) bool { return false }

func (mysqlDB) connect(context.Context, *configuration, bool) (*gorm.DB, string, bool, error) {
	return nil, "", false, errReduced
}

func (mysqlDB) isConstraintViolation(error) bool { return false }

func validateMySQLConfig(*configuration, bool) error { return errReduced }
